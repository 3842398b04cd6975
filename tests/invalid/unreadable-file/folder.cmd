render profiles/

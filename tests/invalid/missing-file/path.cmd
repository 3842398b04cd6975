render profiles/staging.yaml

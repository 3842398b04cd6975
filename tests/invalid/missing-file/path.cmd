render profiles/canary.yaml

render canary.yaml

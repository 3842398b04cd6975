render staging.yaml

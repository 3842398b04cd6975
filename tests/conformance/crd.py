"""Says what is wrong with objects of a custom resource: `crd.py CRD FILE...`. Strict: a field that the schema does not have is wrong.

What the API server asks by rules (`x-kubernetes-validations`) is not asked here.
"""
import sys

import jsonschema
import yaml


def strict(schema):
    """The schema of a CRD, in the words of JSON Schema, with every object closed that says what it has."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    made = dict(schema)
    for key in ("items", "additionalProperties", "not"):
        if key in schema:
            made[key] = strict(schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            # Parts of the whole, which is closed already.
            made[key] = schema[key]
    if "properties" in schema:
        made["properties"] = {name: strict(part) for name, part in schema["properties"].items()}
        if "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    return made


def main(crd, files):
    with open(crd) as file:
        definition = yaml.safe_load(file)["spec"]
    validators = {}
    for version in definition["versions"]:
        if version["served"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object", "required": ["name"]}
            validators[f"{definition['group']}/{version['name']}"] = jsonschema.Draft4Validator(schema)
    for path in files:
        with open(path) as file:
            documents = [document for document in yaml.safe_load_all(file) if document]
        for document in documents:
            if document["kind"] != definition["names"]["kind"]:
                continue
            validator = validators.get(document["apiVersion"])
            if not validator:
                print(f"{document['apiVersion']} is not served")
                continue
            for error in validator.iter_errors(document):
                print(f"{document['metadata']['name']}: {'.'.join(map(str, error.absolute_path))}: {error.message}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

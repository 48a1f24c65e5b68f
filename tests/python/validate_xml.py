"""Judges reports by an XML Schema, the first argument. Standard input: a list of texts. Standard output: for each the
list of what is wrong with it, as the schema sees it."""

import json
import sys

import xmlschema

schema = xmlschema.XMLSchema(sys.argv[1])
reports = json.load(sys.stdin)
json.dump([[f"{error.path}: {error.reason}" for error in schema.iter_errors(report)] for report in reports], sys.stdout)

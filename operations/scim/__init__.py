"""SCIM 2.0 (RFC 7643, 7644): the directory of an organization adds people, and closes accounts of those who leave.

`schema` has the documents that describe the service, `people` applies requests, and `views` has the endpoint. Only
people: programs keep deciding themselves who takes part. Nothing that a pair wrote is shown, changed or deleted.
"""

"""SCIM 2.0 (RFC 7643, 7644): the directory of an organization adds people, and closes accounts of those who leave.

`schema` has the documents that describe the service, `syntax` reads requests, `people` and `groups` apply them, and
`views` has the endpoint. Programs keep deciding themselves who takes part, unless the operator lets members of a
group be invited (mentoring/directory_groups.py). Nothing that a pair wrote is shown, changed or deleted.
"""

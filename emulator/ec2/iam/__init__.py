"""
Who calls EC2 and STS, and what the caller's policies allow.

    identities   access keys, roles and temporary keys
    permissions  the resources that a call needs access to
    policy       IAM policy documents
    sts          GetCallerIdentity and AssumeRole
"""

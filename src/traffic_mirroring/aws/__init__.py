"""AWS: boto3 clients, the calls of traffic mirroring and the look-ups around it."""

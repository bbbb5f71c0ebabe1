"""AWS: boto3 clients and the calls of traffic mirroring and its look-ups."""

"""
moto: ordinary EC2 (VPCs, subnets, instances, interfaces) and load balancers.

    application  moto's server, called in-process
    accounts     moto's keys, and the accounts they belong to
    formats      AWS's wire formats, and botocore's model of EC2's operations
    lookups      moto's Describe and Get operations, made as strict as AWS's
    deployment   instances in a network of their own, without requests
    instances    the life of instances: pending, running, terminated with interfaces
    interfaces   interfaces of AWS services, and other types of interfaces
    filters      filters of Describe operations that moto ignores or misreads
    resources    moto's resources, as traffic mirroring needs them
    nics         moto's network interfaces, as packets need them
    subnets      moto's subnets with network ACLs and routes, as packets need them
    balancers    moto's load balancers, and their network interfaces

No other part of the emulator imports moto.
"""

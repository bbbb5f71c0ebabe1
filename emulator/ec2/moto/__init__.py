"""
moto: ordinary EC2 (VPCs, subnets, instances, interfaces) and load balancers.

    application  moto's server, called in-process
    accounts     moto's keys, and the accounts they belong to
    formats      AWS's wire formats, and botocore's model of EC2's operations
    lookups      moto's Describe and Get operations, made as strict as AWS's
    instances    the life of instances: pending, running, terminated with interfaces
    interfaces   interfaces of AWS services, and other types of interfaces
    resources    moto's resources, as traffic mirroring needs them
    nics         moto's network interfaces, as packets need them

No other part of the emulator imports moto.
"""

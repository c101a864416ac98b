"""A small company to look at: three accounts, two regions, and good and bad of each kind.

Nothing is made to look older than it is: what only age makes wrong (an unused password, an old key) is right here.
"""

import re
from contextlib import closing
from typing import Any

from controlmon.demo.certificates import certificate_of
from controlmon.demo.inventory import (
    BALANCERS,
    BLOCKED_ACCOUNTS,
    BUCKETS,
    DATABASES,
    DETECTORS,
    EBS_DEFAULTS,
    EU,
    KEYS,
    NETWORKS,
    PASSWORDS,
    PRODUCTION,
    READER,
    ROLES,
    SECURITY,
    STAGING,
    TABLES,
    TRAILS,
    US,
    USERS,
    VOLUMES,
    Balancer,
    Bucket,
    Database,
    Key,
    Network,
    Role,
    Table,
    Trail,
    User,
    Volume,
)
from controlmon.demo.policies import https_only, policy


def fill(endpoint_url: str) -> None:
    """Builds the company in the moto server at `endpoint_url`, which is expected to be empty; it takes a few seconds."""
    with closing(_Company(endpoint_url)) as company:
        company.client(SECURITY, "organizations").create_organization(FeatureSet="ALL")
        for role in ROLES:
            _role(company, role)
        for user in USERS:
            _user(company, user)
        _account_settings(company)
        keys = {(key.account, key.region): _key(company, key) for key in reversed(KEYS)}  # the first of an account and region stays
        for bucket in BUCKETS:
            _bucket(company, bucket, keys.get((bucket.account, bucket.region)))
        for trail in TRAILS:
            _trail(company, trail)
        _shared(company)
        subnets = {network.name: _network(company, network) for network in NETWORKS}
        for balancer in BALANCERS:
            _balancer(company, balancer, subnets[balancer.network])
        for volume in VOLUMES:
            _volume(company, volume, keys.get((volume.account, volume.region)))
        for database in DATABASES:
            _database(company, database, keys.get((database.account, database.region)))
        for table in TABLES:
            _table(company, table)


class _Company:
    """The clients of the company's accounts: the first account's own, the others by the role that controlmon reads with."""

    def __init__(self, endpoint_url: str) -> None:
        import boto3  # noqa: PLC0415 - no SDK is loaded before the demo starts

        self._endpoint_url = endpoint_url
        self._session: Any = boto3.session.Session()
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._credentials: dict[str, tuple[str, ...]] = {SECURITY: ("AKIADEMODEMODEMODEMO", "demo")}
        for account in (PRODUCTION, STAGING):
            role = self.client(SECURITY, "sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{READER}", RoleSessionName="demo")
            self._credentials[account] = tuple(role["Credentials"][one] for one in ("AccessKeyId", "SecretAccessKey", "SessionToken"))

    def client(self, account: str, service: str, region: str = US) -> Any:  # noqa: ANN401 - boto3 makes its clients as it goes
        """A client of one account."""
        key = (account, service, region)
        if key not in self._clients:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            credentials = dict(zip(names, self._credentials[account], strict=False))  # an own key has no session token
            client = self._session.client(service, region_name=region, endpoint_url=self._endpoint_url, **credentials)
            client.meta.events.register_first("request-created.s3-control", _without_account_prefix)
            self._clients[key] = client
        return self._clients[key]

    def close(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            client.close()


def _without_account_prefix(request: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own, without types
    """S3 Control puts the account's number before any host name; a server on loopback has no such name."""
    request.url = re.sub(r"^(https?://)\d{12}\.", r"\1", request.url)


# People and roles


def _role(company: _Company, role: Role) -> None:
    iam = company.client(role.account, "iam")
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": role.external_id}}} if role.external_id else {}
    trust = policy("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{role.trusts}:root"}, **condition)
    iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=trust)
    if role.admin:
        iam.put_role_policy(RoleName=role.name, PolicyName="everything", PolicyDocument=policy("*", Resource="*"))
    if role.reads:
        iam.put_role_policy(RoleName=role.name, PolicyName="read", PolicyDocument=policy(role.reads, Resource="*"))


def _user(company: _Company, user: User) -> None:
    iam = company.client(user.account, "iam")
    iam.create_user(UserName=user.name)
    if user.console:
        iam.create_login_profile(UserName=user.name, Password="Correct-horse-battery-9")  # noqa: S106 - of nobody
    if user.mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user.name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=user.name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    for _ in range(user.keys):
        iam.create_access_key(UserName=user.name)
    if user.admin:
        iam.put_user_policy(UserName=user.name, PolicyName="everything", PolicyDocument=policy("*", Resource="*"))


def _account_settings(company: _Company) -> None:
    for account, (length, remembered) in PASSWORDS.items():
        company.client(account, "iam").update_account_password_policy(MinimumPasswordLength=length, PasswordReusePrevention=remembered)
    for account in BLOCKED_ACCOUNTS:
        company.client(account, "s3control").put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=_BLOCKED)
    for (account, region), enabled in DETECTORS.items():
        company.client(account, "guardduty", region).create_detector(Enable=enabled, FindingPublishingFrequency="FIFTEEN_MINUTES")
    for account, region in EBS_DEFAULTS:
        company.client(account, "ec2", region).enable_ebs_encryption_by_default()


# Storage

_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def _key(company: _Company, key: Key) -> str:
    kms = company.client(key.account, "kms", key.region)
    arn: str = kms.create_key(Description=key.name)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=f"alias/{key.name}", TargetKeyId=arn)
    if key.rotates:
        kms.enable_key_rotation(KeyId=arn)
    if key.public:
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy("kms:*", Principal={"AWS": "*"}, Resource="*"))
    return arn


def _bucket(company: _Company, bucket: Bucket, key: str | None) -> None:
    s3, name = company.client(bucket.account, "s3", bucket.region), bucket.name
    place = {} if bucket.region == US else {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bucket.locked, ObjectOwnership="BucketOwnerEnforced", **place)
    default = {"SSEAlgorithm": "AES256"}
    if bucket.kms:
        default = {"SSEAlgorithm": "aws:kms"} | ({"KMSMasterKeyID": key} if key else {})
    rules = [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket.kms}]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if bucket.public:
        s3.put_bucket_policy(Bucket=name, Policy=policy("s3:GetObject", Principal="*", Resource=f"arn:aws:s3:::{name}/*"))
    else:
        if bucket.account != STAGING:
            s3.put_bucket_policy(Bucket=name, Policy=https_only(f"arn:aws:s3:::{name}"))
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCKED)
    if bucket.locked:
        _lock(s3, name)
    if bucket.tenant:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "tenant", "Value": bucket.tenant}]})


def _lock(s3: Any, name: str) -> None:  # noqa: ANN401 - a boto3 client
    """Kept for 400 days against anybody, and for seven years before it expires."""
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention})
    expiry = {"ID": "seven-years", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 2556}}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [expiry]})


def _trail(company: _Company, trail: Trail) -> None:
    region = US if trail.everywhere else EU
    cloudtrail = company.client(trail.account, "cloudtrail", region)
    cloudtrail.create_trail(
        Name=trail.name,
        S3BucketName=trail.bucket,
        IsMultiRegionTrail=trail.everywhere,
        IncludeGlobalServiceEvents=trail.everywhere,
        EnableLogFileValidation=trail.everywhere,
    )
    events = {"ReadWriteType": "All" if trail.everywhere else "WriteOnly", "IncludeManagementEvents": True}
    cloudtrail.put_event_selectors(TrailName=trail.name, EventSelectors=[events])
    cloudtrail.start_logging(Name=trail.name)


def _volume(company: _Company, volume: Volume, key: str | None) -> None:
    encryption = {"KmsKeyId": key} if volume.encrypted and key else {}
    company.client(volume.account, "ec2", volume.region).create_volume(
        AvailabilityZone=f"{volume.region}a",
        Size=20,
        Encrypted=volume.encrypted,
        **encryption,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": volume.name}]}],
    )


def _database(company: _Company, database: Database, key: str | None) -> None:
    encryption = {"StorageEncrypted": True, "KmsKeyId": key} if database.encrypted and key else {}
    company.client(database.account, "rds", database.region).create_db_instance(
        DBInstanceIdentifier=database.name,
        Engine="postgres",
        DBInstanceClass="db.t4g.medium",
        AllocatedStorage=50,
        MasterUsername="artemis",
        MasterUserPassword="Correct-horse-battery-9",
        PubliclyAccessible=database.public,
        BackupRetentionPeriod=database.backup_days,
        **encryption,
    )


def _table(company: _Company, table: Table) -> None:
    dynamodb = company.client(table.account, "dynamodb", table.region)
    dynamodb.create_table(
        TableName=table.name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    if table.recovers:
        recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
        dynamodb.update_continuous_backups(TableName=table.name, PointInTimeRecoverySpecification=recovery)


# Networks


def _network(company: _Company, network: Network) -> list[str]:
    ec2 = company.client(network.account, "ec2", network.region)
    named = {"Name": network.name, "Environment": "production" if network.account == PRODUCTION else "staging"}
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": key, "Value": value} for key, value in named.items()]}]
    vpc = ec2.create_vpc(CidrBlock=f"{network.block}.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=network.name, Description="What reaches the servers", VpcId=vpc)["GroupId"]
    for port, source in network.opens:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    if network.flow_logs:
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::artemis-prod-flow-logs",
        )
    zones = ((1, f"{network.region}a"), (2, f"{network.region}b"))
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{network.block}.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in zones
    ]


def _shared(company: _Company) -> None:
    """The networks that come with an account say where they belong: of a shared account nothing follows."""
    for region in (US, EU):
        ec2 = company.client(SECURITY, "ec2", region)
        vpcs = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
        ec2.create_tags(Resources=vpcs, Tags=[{"Key": "Environment", "Value": "shared"}])


def _balancer(company: _Company, balancer: Balancer, subnets: list[str]) -> None:
    region = next(network.region for network in NETWORKS if network.name == balancer.network)
    acm, elb = (company.client(balancer.account, service, region) for service in ("acm", "elbv2"))
    days = 20 if balancer.account == STAGING else 300
    certificate = acm.import_certificate(**certificate_of(f"{balancer.name}.example.com", days))["CertificateArn"]
    arn = elb.create_load_balancer(Name=balancer.name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    reply = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="HTTPS",
        Port=443,
        SslPolicy=balancer.policy,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[reply],
    )

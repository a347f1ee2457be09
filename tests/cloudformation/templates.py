"""Small templates of our own, each with the features that a test needs."""

APPLICATION = """
AWSTemplateFormatVersion: 2010-09-09
Description: a site behind an application balancer
Parameters:
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Description: where it runs}
  Key: {Type: 'AWS::EC2::KeyPair::KeyName', Default: ops}
  Image:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/some-image
  Size: {Type: String, Default: small, AllowedValues: [small, large]}
  Certificate: {Type: String, Default: ''}
Mappings:
  Sizes:
    small: {Type: t4g.micro, Count: 2}
    large: {Type: m7g.large, Count: 6}
Conditions:
  Secure: !Not [!Equals [!Ref Certificate, '']]
Resources:
  Template:
    Type: AWS::EC2::LaunchTemplate
    Metadata:
      AWS::CloudFormation::Init: {config: {}}
    Properties:
      LaunchTemplateData:
        ImageId: !Ref Image
        InstanceType: !FindInMap [Sizes, !Ref Size, Type]
        KeyName: !Ref Key
        UserData: !Base64
          Fn::Sub: 'cfn-signal --stack ${AWS::StackName} --region ${AWS::Region} ${!literal}'
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    DependsOn: [Listener]
    CreationPolicy:
      ResourceSignal: {Count: 2, Timeout: PT10M}
    UpdatePolicy:
      AutoScalingRollingUpdate: {MaxBatchSize: 1}
    Properties:
      MinSize: !FindInMap [Sizes, !Ref Size, Count]
      MaxSize: '8'
      VPCZoneIdentifier: !Ref Subnets
      LaunchTemplate:
        LaunchTemplateId: !Ref Template
        Version: !GetAtt Template.LatestVersionNumber
      TargetGroupARNs: [!Ref Targets]
      HealthCheckType: ELB
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: !Ref Subnets
      SecurityGroups: [!GetAtt Door.GroupId]
  Door:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: door, VpcId: !Ref Vpc}
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 80, Protocol: HTTP, VpcId: !Ref Vpc, HealthCheckPath: /}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: !If [Secure, 443, 80]
      Protocol: !If [Secure, HTTPS, HTTP]
      Certificates:
        - !If [Secure, {CertificateArn: !Ref Certificate}, !Ref 'AWS::NoValue']
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 2
      Dimensions: [{Name: AutoScalingGroupName, Value: !Ref Group}]
Outputs:
  Url: {Value: !Join ['', ['https://', !GetAtt Balancer.DNSName]]}
  Zone: {Value: !GetAtt Balancer.CanonicalHostedZoneID}
"""

CLASSIC = """
Resources:
  Config:
    Type: AWS::AutoScaling::LaunchConfiguration
    Properties: {ImageId: ami-0abcdef0123456789, InstanceType: t3.micro}
  Balancer:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties:
      AvailabilityZones: !GetAZs ''
      Listeners: [{LoadBalancerPort: '80', InstancePort: '80', Protocol: HTTP}]
      HealthCheck:
        {Target: 'HTTP:80/', HealthyThreshold: '3', UnhealthyThreshold: '5', Interval: '30', Timeout: '5'}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '1'
      MaxSize: '4'
      AvailabilityZones: !GetAZs ''
      LaunchConfigurationName: !Ref Config
      LoadBalancerNames: [!Ref Balancer]
"""

GIVEN = {"Vpc": "vpc-0a1b2c3d4e5f60718", "Subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]}
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0f6b5a54-0000-4000-8000-000000000000"

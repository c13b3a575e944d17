"""A user pool in ministack for tests/ministack.rs: python ministack.py ENDPOINT make | code SECRET | browser POOL ADDRESS…

`make` prints the pool, its clients and its users as JSON, after proving that the pool refuses what it should. `browser`
prints a client without and one with a secret that people sign in with by the hosted login, coming back to these addresses.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def code(secret):
    """RFC 6238: SHA-1, thirty seconds, six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def service():
    return boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=ENDPOINT,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def browser(pool, addresses):
    def client(name, secret):
        made = service().create_user_pool_client(
            UserPoolId=pool,
            ClientName=name,
            GenerateSecret=secret,
            ExplicitAuthFlows=FLOWS,
            SupportedIdentityProviders=["COGNITO"],
            AllowedOAuthFlows=["code"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=["openid", "email", "profile", "phone", "aws.cognito.signin.user.admin"],
            CallbackURLs=addresses,
            LogoutURLs=addresses,
        )["UserPoolClient"]
        return {"id": made["ClientId"], "secret": made.get("ClientSecret")}

    print(json.dumps([client("browser", False), client("browser-with-secret", True)]))


def make():
    idp = service()
    pool = idp.create_user_pool(PoolName="judged-by-others")["UserPool"]["Id"]

    def client(name, secret):
        made = idp.create_user_pool_client(
            UserPoolId=pool, ClientName=name, GenerateSecret=secret, ExplicitAuthFlows=FLOWS
        )["UserPoolClient"]
        return {"id": made["ClientId"], "secret": made.get("ClientSecret")}

    clients = [client("public", False), client("with-secret", True)]

    def user(name, password, permanent=True):
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "name", "Value": name.title()}]
        idp.admin_create_user(
            UserPoolId=pool, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS", TemporaryPassword="Temp-Passw0rd1"
        )
        if permanent:
            idp.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)

    user("zoe", "Zoe-Passw0rd1")
    user("tom", "Tom-Passw0rd1")
    for name in ("ann", "eve"):
        user(name, f"{name.title()}-Passw0rd1")
    for name in ("new1", "new2"):
        user(name, None, permanent=False)

    def password_auth(client, **more):
        parameters = {"USERNAME": "zoe", "PASSWORD": "Zoe-Passw0rd1", **more}
        return idp.initiate_auth(ClientId=client["id"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)

    # A pool that takes any hash would judge nothing.
    for wrong in ({"SECRET_HASH": base64.b64encode(b"wrong" * 6).decode()}, {}):
        try:
            password_auth(clients[1], **wrong)
        except ClientError as error:
            assert error.response["Error"]["Code"] in ("NotAuthorizedException", "InvalidParameterException"), error
        else:
            raise AssertionError(f"this pool takes a SECRET_HASH of {wrong}")

    def refuses(what, *codes):
        try:
            what()
        except ClientError as error:
            assert error.response["Error"]["Code"] in codes, error
        else:
            raise AssertionError("this pool takes what is wrong")

    # Nor would one that does to an account what anybody asks.
    token = password_auth(clients[0])["AuthenticationResult"]["AccessToken"]
    denied, mismatch = "NotAuthorizedException", "CodeMismatchException"
    new = {"ProposedPassword": "Other-Passw0rd1"}
    refuses(lambda: idp.change_password(AccessToken=token, PreviousPassword="Wrong-Passw0rd1", **new), denied)
    refuses(lambda: idp.change_password(AccessToken="nonsense", PreviousPassword="Zoe-Passw0rd1", **new), denied)
    refuses(lambda: idp.get_user(AccessToken="nonsense"), denied)
    refuses(lambda: idp.update_user_attributes(AccessToken="nonsense", UserAttributes=[]), denied)
    refuses(lambda: idp.delete_user(AccessToken="nonsense"), denied)
    idp.associate_software_token(AccessToken=token)
    refuses(
        lambda: idp.verify_software_token(AccessToken=token, UserCode="000000"),
        "EnableSoftwareTokenMFAException",
        mismatch,
    )
    public = {"ClientId": clients[0]["id"], "Username": "zoe"}
    idp.forgot_password(**public)
    refuses(
        lambda: idp.confirm_forgot_password(**public, ConfirmationCode="000000", Password="Other-Passw0rd1"),
        mismatch,
        "ExpiredCodeException",
    )
    password_auth(clients[0])

    idp.set_user_pool_mfa_config(
        UserPoolId=pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )
    tokens = idp.initiate_auth(
        ClientId=clients[0]["id"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "tom", "PASSWORD": "Tom-Passw0rd1"},
    )["AuthenticationResult"]
    secret = idp.associate_software_token(AccessToken=tokens["AccessToken"])["SecretCode"]
    idp.verify_software_token(AccessToken=tokens["AccessToken"], UserCode=code(secret))
    idp.set_user_mfa_preference(
        AccessToken=tokens["AccessToken"], SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    print(json.dumps({"pool": pool, "clients": clients, "totp": secret}))


if sys.argv[2] == "make":
    make()
elif sys.argv[2] == "browser":
    browser(sys.argv[3], sys.argv[4:])
else:
    print(code(sys.argv[3]))

"""Scenarios for tests/pycognito.rs: python scenarios.py SCENARIO ANNOUNCEMENT

Each asserts by itself; the last line says that it ran to its end.
"""

import base64
import datetime
import hashlib
import hmac
import json
import sys
import time
import urllib.request

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import Cognito, TokenVerificationException
from pycognito.aws_srp import AWSSRP, generate_hash_device
from pycognito.exceptions import (
    ForceChangePasswordException,
    SMSMFAChallengeException,
    SoftwareTokenMFAChallengeException,
)

SCENARIO, POOL = sys.argv[1], json.loads(sys.argv[2])
POOL_ID = POOL["issuer"].rsplit("/", 1)[1]
UNSIGNED_ONCE = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
CLIENTS = {client["id"]: client for client in POOL["clients"]}
USERS = {user["username"]: user for user in POOL["users"]}


def boto():
    return boto3.client(
        "cognito-idp",
        region_name=POOL_ID.split("_")[0],
        endpoint_url=POOL["endpoint"],
        config=UNSIGNED_ONCE,
    )


def person(username, client="devdesktop"):
    return Cognito(
        POOL_ID,
        client,
        username=username,
        client_secret=CLIENTS[client].get("secret"),
        botocore_config=UNSIGNED_ONCE,
        boto3_client_kwargs={"endpoint_url": POOL["endpoint"]},
    )


def srp(username, password, client="devdesktop", secret=None):
    return AWSSRP(username, password, POOL_ID, client, client=boto(), client_secret=secret)


def refused(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("was not refused")


def control(what, body):
    request = urllib.request.Request(f"{POOL['endpoint']}/_userpool/{what}", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


WRONG = ("NotAuthorizedException", "Incorrect username or password.")


class At(AWSSRP):
    """Writes another TIMESTAMP, and signs it."""

    text = ""

    def get_cognito_formatted_timestamp(self, _now):
        return self.text


def sign_in():
    first = POOL["users"][0]
    assert "secret" not in CLIENTS[first["client"]]
    me = person(first["username"], first["client"])
    # Fetches the key set and checks both signatures, iss, aud, exp and token_use.
    me.authenticate(first["password"])
    claims = me.id_claims
    assert claims["aud"] == first["client"] and claims["iss"] == POOL["issuer"], claims
    assert claims["cognito:username"] == "aiko" and claims["name"] == "Aiko Tanaka", claims
    assert claims["cognito:groups"] == ["engineering", "tea"], claims
    assert claims["email"] == "aiko@example.com" and claims["email_verified"] is True, claims
    access = me.access_claims
    assert access["username"] == "aiko" and access["client_id"] == first["client"], access
    assert access["scope"] == "aws.cognito.signin.user.admin", access
    for claim in ("sub", "origin_jti", "event_id", "auth_time"):
        assert access[claim] == claims[claim], claim
    assert access["jti"] != claims["jti"]
    assert access["exp"] - access["iat"] == 3600
    assert 1500 < len(me.refresh_token) < 2000
    assert me.get_user().email == "aiko@example.com"

    header, payload, signature = me.access_token.split(".")
    other = "A" if payload[20] != "A" else "B"
    forged = ".".join([header, payload[:20] + other + payload[21:], signature])
    try:
        me.verify_token(forged, "access_token", "access")
    except TokenVerificationException:
        pass
    else:
        raise AssertionError("a forged token was taken for a real one")


def alias_and_unicode():
    for typed, username in (("AIKO@example.com", "aiko"), ("Aiko", "aiko"), ("kazuko", "kazuko")):
        me = person(typed)
        me.authenticate(USERS[username]["password"])
        assert me.access_claims["username"] == username
    assert me.id_claims["name"] == "山田 和子"


def client_secret():
    client, greta = CLIENTS["devsecret"], USERS["greta"]
    me = person("greta", "devsecret")
    me.authenticate(greta["password"])
    assert me.access_claims["client_id"] == "devsecret"
    # An alias is hashed as typed at first, and as the pool's own name afterwards.
    srp("greta@example.com", greta["password"], "devsecret", client["secret"]).authenticate_user()

    unable = ("NotAuthorizedException", "Unable to verify secret hash for client devsecret")
    wrong_secret = srp("greta", greta["password"], "devsecret", client["secret"][::-1])
    assert refused(wrong_secret.authenticate_user) == unable
    no_secret = srp("greta", greta["password"], "devsecret")
    assert refused(no_secret.authenticate_user) == (
        "NotAuthorizedException",
        "Client devsecret is configured with secret but SECRET_HASH was not received",
    )


def wrong_password():
    assert refused(srp("aiko", "Green-Tea-43").authenticate_user) == WRONG
    assert refused(srp("aiko", "").authenticate_user) == WRONG
    assert refused(srp("nobody", "Green-Tea-42").authenticate_user) == WRONG
    assert refused(srp("aiko", "Green-Tea-42", "develsewhere").authenticate_user) == (
        "ResourceNotFoundException",
        "User pool client develsewhere does not exist.",
    )
    assert refused(srp("aiko", "Green-Tea-42", "devpassword").authenticate_user) == (
        "InvalidParameterException",
        "USER_SRP_AUTH is not enabled for the client.",
    )

    # Both names get a conversation of the same form, with the same salt every time.
    def begin(name):
        params = srp(name, "x").get_auth_params()
        answer = boto().initiate_auth(ClientId="devdesktop", AuthFlow="USER_SRP_AUTH", AuthParameters=params)
        return answer["ChallengeParameters"]

    for name in ("aiko", "nobody"):
        one, two = begin(name), begin(name)
        assert one["SALT"] == two["SALT"] and one["SRP_B"] != two["SRP_B"]
        assert one["SECRET_BLOCK"] != two["SECRET_BLOCK"]
        assert one["USERNAME"] == one["USER_ID_FOR_SRP"] == name
    assert begin("aiko").keys() == begin("nobody").keys()

    # Five wrong passwords lock, for both alike; then even the right one has to wait.
    exceeded = ("NotAuthorizedException", "Password attempts exceeded")
    for name, so_far in (("aiko", 2), ("nobody", 1)):
        for _ in range(so_far, 5):
            assert refused(srp(name, "wrong").authenticate_user) == WRONG
        # Some way back, so that the lockout of a second outlasts a slow machine.
        control("clock", {"offset_seconds": -200})
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=200)
        patient = At(name, USERS["aiko"]["password"], POOL_ID, "devdesktop", client=boto())
        patient.text = AWSSRP.get_cognito_formatted_timestamp(at)
        assert refused(patient.authenticate_user) == exceeded, name
        control("clock", {"offset_seconds": 0})


def refresh():
    me = person("aiko")
    me.authenticate(USERS["aiko"]["password"])
    before, first = me.access_claims, me.access_token
    me.renew_access_token()
    me.verify_tokens()
    assert me.access_token != first
    assert me.access_claims["jti"] != before["jti"]
    for claim in ("sub", "origin_jti", "auth_time"):
        assert me.access_claims[claim] == before[claim], claim

    rotating = person("farid", "devrotating")
    rotating.authenticate(USERS["farid"]["password"])
    code, _ = refused(rotating.renew_access_token)
    assert code == "InvalidParameterException", code


def choice():
    client = boto()

    def answer(password, along):
        nora = srp("nora", password, "devchoice")
        params = dict(nora.get_auth_params(), PREFERRED_CHALLENGE="PASSWORD_SRP")
        srp_a = params["SRP_A"] if along else params.pop("SRP_A")
        begun = client.initiate_auth(ClientId="devchoice", AuthFlow="USER_AUTH", AuthParameters=params)
        if not along:
            assert begun["ChallengeName"] == "PASSWORD_SRP", begun
            begun = client.respond_to_auth_challenge(
                ClientId="devchoice",
                ChallengeName="PASSWORD_SRP",
                Session=begun["Session"],
                ChallengeResponses={"USERNAME": "nora", "SRP_A": srp_a},
            )
        assert begun["ChallengeName"] == "PASSWORD_VERIFIER", begun
        responses = nora.process_challenge(begun["ChallengeParameters"], {"USERNAME": "nora"})
        return client.respond_to_auth_challenge(
            ClientId="devchoice",
            ChallengeName="PASSWORD_VERIFIER",
            Session=begun["Session"],
            ChallengeResponses=responses,
        )

    for along in (True, False):
        tokens = answer(USERS["nora"]["password"], along)["AuthenticationResult"]
        assert client.get_user(AccessToken=tokens["AccessToken"])["Username"] == "nora"
        assert refused(lambda: answer("wrong", along)) == WRONG


def custom():
    client = boto()

    def begin(password):
        rosa = srp("rosa", password, "devcustomsrp")
        params = dict(rosa.get_auth_params(), CHALLENGE_NAME="SRP_A")
        begun = client.initiate_auth(ClientId="devcustomsrp", AuthFlow="CUSTOM_AUTH", AuthParameters=params)
        assert begun["ChallengeName"] == "PASSWORD_VERIFIER", begun
        return client.respond_to_auth_challenge(
            ClientId="devcustomsrp",
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=rosa.process_challenge(begun["ChallengeParameters"], params),
        )

    asked = begin(USERS["rosa"]["password"])
    for answer in ("piano", "towel"):
        assert asked["ChallengeName"] == "CUSTOM_CHALLENGE", asked
        asked = client.respond_to_auth_challenge(
            ClientId="devcustomsrp",
            ChallengeName="CUSTOM_CHALLENGE",
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": "rosa", "ANSWER": answer},
        )
    token = asked["AuthenticationResult"]["AccessToken"]
    assert client.get_user(AccessToken=token)["Username"] == "rosa"
    assert refused(lambda: begin("wrong")) == WRONG


def new_password():
    ben = srp("ben", USERS["ben"]["password"])
    try:
        ben.authenticate_user()
    except ForceChangePasswordException:
        pass
    else:
        raise AssertionError("no new password was asked for")
    # pycognito cannot give the name that is missing, so the pool is told.
    code, message = refused(lambda: ben.set_new_password_challenge("Brand-New-1"))
    assert code == "InvalidParameterException" and "name is missing" in message, message
    control("user", {"username": "ben", "attributes": {"name": "Ben Ito"}})
    code, message = refused(lambda: ben.set_new_password_challenge("short"))
    assert code == "InvalidPasswordException", code
    tokens = ben.set_new_password_challenge("Brand-New-1")
    assert "AccessToken" in tokens["AuthenticationResult"]
    assert "AccessToken" in srp("ben", "Brand-New-1").authenticate_user()["AuthenticationResult"]
    assert refused(srp("ben", USERS["ben"]["password"]).authenticate_user) == WRONG


def replay_and_time():
    client = boto()
    aiko = At("aiko", USERS["aiko"]["password"], POOL_ID, "devdesktop", client=client)

    def answer(text, change=None, session=None):
        aiko.text = text
        params = aiko.get_auth_params()
        begun = client.initiate_auth(ClientId="devdesktop", AuthFlow="USER_SRP_AUTH", AuthParameters=params)
        responses = aiko.process_challenge(begun["ChallengeParameters"], params)
        responses.update(change or {})
        more = {"Session": session or begun["Session"]}

        def respond():
            return client.respond_to_auth_challenge(
                ClientId="devdesktop", ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses, **more
            )

        return respond

    now = datetime.datetime.now(datetime.timezone.utc)
    text = AWSSRP.get_cognito_formatted_timestamp

    respond = answer(text(now))
    assert "AccessToken" in respond()["AuthenticationResult"]
    assert refused(respond) == WRONG, "a secret block is good once"
    assert refused(answer(text(now), session="x" * 40))[1] == "Invalid session for the user."

    for minutes, good in ((4, True), (-4, True), (6, False), (-6, False)):
        respond = answer(text(now + datetime.timedelta(minutes=minutes)))
        if good:
            assert "AccessToken" in respond()["AuthenticationResult"], minutes
        else:
            assert refused(respond) == WRONG, minutes
    control("clock", {"offset_seconds": 6 * 60})
    assert refused(answer(text(now))) == WRONG
    assert "AccessToken" in answer(text(now + datetime.timedelta(minutes=6)))()["AuthenticationResult"]
    control("clock", {"offset_seconds": 0})

    code, message = refused(answer(now.isoformat()))
    assert code == "InvalidParameterException" and "EEE MMM d" in message, message
    early = now.replace(year=2026, month=11, day=3)
    control("clock", {"offset_seconds": (early - now).total_seconds()})
    padded = text(early).replace(" 3 ", " 03 ")
    assert refused(answer(padded)) == WRONG, "a day with a leading zero is signed differently"
    assert "AccessToken" in answer(text(early))()["AuthenticationResult"]
    control("clock", {"offset_seconds": 0})

    respond = answer(text(now))
    control("clock", {"offset_seconds": 4 * 60})
    assert refused(respond)[1] == "Invalid session for the user, session is expired."
    control("clock", {"offset_seconds": 0})

    zero = dict(aiko.get_auth_params(), SRP_A="0" * 768)
    call = lambda: client.initiate_auth(ClientId="devdesktop", AuthFlow="USER_SRP_AUTH", AuthParameters=zero)
    assert refused(call)[0] == "InvalidParameterException"


def newest_code():
    with urllib.request.urlopen(f"{POOL['endpoint']}/_userpool/outbox", timeout=20) as answer:
        return json.load(answer)["messages"][-1]["code"]


def second_factor():
    jun = person("jun")
    try:
        jun.authenticate(USERS["jun"]["password"])
    except SoftwareTokenMFAChallengeException as challenge:
        jun.respond_to_software_token_mfa_challenge(newest_code(), challenge.get_tokens())
    else:
        raise AssertionError("jun was not asked for a code")
    assert jun.get_user().username == "jun"

    lena = person("lena")
    try:
        lena.authenticate(USERS["lena"]["password"])
    except SMSMFAChallengeException as challenge:
        lena.respond_to_sms_mfa_challenge(newest_code(), challenge.get_tokens())
    else:
        raise AssertionError("lena was not asked for a code")
    assert lena.get_user().username == "lena"


def totp(secret, seconds_ahead=0):
    """What an authenticator app shows (RFC 6238)."""
    step = int(time.time() + seconds_ahead) // 30
    tag = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    start = tag[-1] & 0x0F
    return f"{(int.from_bytes(tag[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def authenticator():
    aiko = person("aiko")
    aiko.authenticate(USERS["aiko"]["password"])
    code, message = refused(lambda: aiko.set_user_mfa_preference(False, True, "SOFTWARE_TOKEN"))
    assert code == "InvalidParameterException" and "not verified" in message, message
    code, _ = refused(lambda: aiko.verify_software_token("123456"))
    assert code == "SoftwareTokenMFANotFoundException", code
    secret = aiko.associate_software_token()
    shown = totp(secret)
    wrong = f"{(int(shown) + 1) % 10**6:06}"
    code, _ = refused(lambda: aiko.verify_software_token(wrong, "my phone"))
    assert code == "EnableSoftwareTokenMFAException", code
    assert aiko.verify_software_token(shown, "my phone")

    # It is asked for once it is switched on.
    aiko.authenticate(USERS["aiko"]["password"])
    aiko.set_user_mfa_preference(False, True, "SOFTWARE_TOKEN")
    try:
        aiko.authenticate(USERS["aiko"]["password"])
    except SoftwareTokenMFAChallengeException as challenge:
        asked = challenge.get_tokens()
    else:
        raise AssertionError("aiko was not asked for a code")
    assert asked["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "my phone", asked
    code, _ = refused(lambda: aiko.respond_to_software_token_mfa_challenge(shown, asked))
    assert code == "ExpiredCodeException", code
    # The pool takes the code of the next half minute, too.
    aiko.respond_to_software_token_mfa_challenge(totp(secret, 30), asked)
    aiko.verify_tokens()


def mfa_preference():
    password = USERS["nora"]["password"]
    nora = person("nora")
    nora.authenticate(password)
    nora.set_user_mfa_preference(True, False, "SMS")
    settings = nora.client.get_user(AccessToken=nora.access_token)
    assert settings["PreferredMfaSetting"] == "SMS_MFA", settings
    assert settings["UserMFASettingList"] == ["SMS_MFA"], settings
    try:
        nora.authenticate(password)
    except SMSMFAChallengeException as challenge:
        nora.respond_to_sms_mfa_challenge(newest_code(), challenge.get_tokens())
    else:
        raise AssertionError("nora was not asked for a code")
    # Who has no authenticator cannot prefer one, and what was chosen stays.
    code, _ = refused(lambda: nora.set_user_mfa_preference(True, True, "SOFTWARE_TOKEN"))
    assert code == "InvalidParameterException", code
    settings = nora.client.get_user(AccessToken=nora.access_token)
    assert settings["PreferredMfaSetting"] == "SMS_MFA", settings
    nora.set_user_mfa_preference(False, False)
    settings = nora.client.get_user(AccessToken=nora.access_token)
    assert "PreferredMfaSetting" not in settings and "UserMFASettingList" not in settings, settings
    nora.authenticate(password)
    nora.verify_tokens()


def devices():
    client, password = boto(), USERS["uma"]["password"]

    # The second factor, and then a device that is confirmed.
    try:
        srp("uma", password, "devdevices").authenticate_user()
    except SoftwareTokenMFAChallengeException as challenge:
        tokens = client.respond_to_auth_challenge(
            ClientId="devdevices",
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=challenge.get_tokens()["Session"],
            ChallengeResponses={"USERNAME": "uma", "SOFTWARE_TOKEN_MFA_CODE": newest_code()},
        )["AuthenticationResult"]
    else:
        raise AssertionError("uma was not asked for a code")
    key = tokens["NewDeviceMetadata"]["DeviceKey"]
    group = tokens["NewDeviceMetadata"]["DeviceGroupKey"]
    secret, verifier = generate_hash_device(group, key)
    confirmed = client.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=key,
        DeviceName="my machine",
        DeviceSecretVerifierConfig=verifier,
    )
    assert confirmed["UserConfirmationNecessary"] is False

    def on_device(key, group, secret):
        me = AWSSRP(
            "uma",
            password,
            POOL_ID,
            "devdevices",
            client=boto(),
            device_key=key,
            device_group_key=group,
            device_password=secret,
        )
        return me.authenticate_user()

    # From there on the device stands in for the code.
    for _ in range(3):
        again = on_device(key, group, secret)["AuthenticationResult"]
        assert "NewDeviceMetadata" not in again
        assert client.get_user(AccessToken=again["AccessToken"])["Username"] == "uma"
    renewed = client.initiate_auth(
        ClientId="devdevices",
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": again["RefreshToken"], "DEVICE_KEY": key},
    )
    assert "AccessToken" in renewed["AuthenticationResult"]

    assert refused(lambda: on_device(key, group, "another secret")) == WRONG
    assert refused(lambda: on_device(key, group[::-1], secret)) == WRONG
    missing = ("ResourceNotFoundException", "Device does not exist.")
    assert refused(lambda: on_device(key[:-1] + "x", group, secret)) == missing
    client.forget_device(AccessToken=again["AccessToken"], DeviceKey=key)
    assert refused(lambda: on_device(key, group, secret)) == missing


globals()[SCENARIO]()
print("passed", SCENARIO)

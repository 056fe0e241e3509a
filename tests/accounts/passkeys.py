"""A passkey in software, for tests without a browser."""

import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class SoftwarePasskey:
    """Answers what the server asks a browser: `create(options)` and `get(options)` return the credential as JSON."""

    def __init__(self, origin: str = "http://localhost:8000", id: bytes = b"a passkey of Ada"):
        self.key, self.origin, self.id, self.user = ec.generate_private_key(ec.SECP256R1()), origin, id, ""

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _signed(self, rp: str, flags: int, counter: int, attested=None) -> AuthenticatorData:
        digest = hashlib.sha256(rp.encode()).digest()
        return AuthenticatorData.create(digest, flags, counter, credential_data=attested or b"")

    def create(self, options: dict, flags: int = PRESENT | VERIFIED) -> str:
        self.user = options["user"]["id"]
        attested = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = self._signed(options["rp"]["id"], flags | WITH_KEY, 0, attested)
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._json(
            clientDataJSON=self._client_data("webauthn.create", options["challenge"]), attestationObject=statement
        )

    def get(self, options: dict, flags: int = PRESENT | VERIFIED) -> str:
        client = self._client_data("webauthn.get", options["challenge"])
        data = self._signed(options["rpId"], flags, 1)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._json(
            userHandle=self.user, clientDataJSON=client, authenticatorData=bytes(data), signature=signature
        )

    def _json(self, **response) -> str:
        sent = {name: value if isinstance(value, str) else websafe_encode(value) for name, value in response.items()}
        extras = {"clientExtensionResults": {"credProps": {"rk": True}}, "authenticatorAttachment": "platform"}
        own = websafe_encode(self.id)
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": sent, **extras})

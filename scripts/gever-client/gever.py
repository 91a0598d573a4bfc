"""A client of GEVER, written against the running system as its documentation's
samples are: a session that asks for JSON, and a token for a service key that is
obtained again when it has expired."""
import base64
import time

import jwt
import requests

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class ServiceKeyClient:
    """Acts for the user of a service key, or for another one if that user is an
    Impersonator. Addresses are absolute, or paths below the site."""

    def __init__(self, site, key, user=None):
        self.site = site
        self.key = key
        self.user = user or key["user_id"]
        self.obtained = 0  # tokens so far
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"

    def claims(self):
        now = int(time.time())
        return {"iss": self.key["client_id"], "sub": self.user, "aud": self.key["token_uri"], "iat": now, "exp": now + 3600}

    def obtain_token(self):
        # An old token must not go along.
        self.session.headers.pop("Authorization", None)
        grant = jwt.encode(self.claims(), self.key["private_key"], algorithm="RS256")
        response = self.session.post(self.key["token_uri"], data={"grant_type": JWT_BEARER, "assertion": grant})
        response.raise_for_status()
        self.use(response.json()["access_token"])
        self.obtained += 1

    def use(self, token):
        self.session.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, address, **kwargs):
        if "Authorization" not in self.session.headers:
            self.obtain_token()
        response = self.session.request(method, self.url(address), **kwargs)
        if self.token_has_expired(response):
            self.obtain_token()
            response = self.session.request(method, self.url(address), **kwargs)
        return response

    @staticmethod
    def token_has_expired(response):
        return (
            response.status_code == 401
            and response.headers["Content-Type"] == "application/json"
            and response.json().get("error_description") == "Access token expired"
        )

    def url(self, address):
        return address if address.startswith("http") else f"{self.site}/{address}".rstrip("/")

    def get(self, address, **kwargs):
        return self.request("GET", address, **kwargs)

    def post(self, address, body=None, **kwargs):
        return self.request("POST", address, json=body, **kwargs)

    def patch(self, address, body, **kwargs):
        return self.request("PATCH", address, json=body, **kwargs)

    def children(self, address, **params):
        """All children of a container, however many pages they fill."""
        page = self.get(address, params=params).json()
        while True:
            yield from page["items"]
            following = page.get("batching", {}).get("next")
            if following is None:
                return
            page = self.get(following).json()


class TusUpload:
    """A file that comes in parts, by tus 1.0.0. lock_token is that of a document
    whose file it replaces, when it is locked."""

    PART = 16 << 20  # bytes

    def __init__(self, client, container, size, endpoint="@tus-upload", lock_token=None, **metadata):
        self.client = client
        self.size = size
        self.headers = {"Tus-Resumable": "1.0.0", **({"Lock-Token": lock_token} if lock_token else {})}
        pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        self.created = client.request("POST", f"{container}/{endpoint}", headers={
            **self.headers, "Upload-Length": str(size), "Upload-Metadata": pairs,
        })
        self.created.raise_for_status()
        self.address = self.created.headers["Location"]

    def offset(self):
        """How much has come, in bytes."""
        response = self.client.request("HEAD", self.address, headers=self.headers)
        response.raise_for_status()
        assert response.headers["Upload-Length"] == str(self.size), response.headers
        assert "no-store" in response.headers["Cache-Control"], response.headers
        return int(response.headers["Upload-Offset"])

    def send(self, offset, part):
        """Sends a part of the file that begins at the offset."""
        return self.client.request("PATCH", self.address, data=part, headers={
            **self.headers, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream",
        })


"""What the Python journeys share.

walk.main(api, journey) calls journey(url) with the address of the API and prints
what it returns. When it fails, the last request and its answer are shown, for
every exchange of a generated client goes through this module; credentials are not.
"""
import sys
import traceback
import urllib.parse

import urllib3

SHOWN = 1000  # characters of a body

_last = []
_request = urllib3.PoolManager.request


def _recorded(self, method, url, **kwargs):
    _last[:] = [method, url, kwargs.get("fields"), kwargs.get("headers"), kwargs.get("body")]
    response = _request(self, method, url, **kwargs)
    _last.append(response)
    return response


urllib3.PoolManager.request = _recorded


def main(api, journey):
    """Walks a journey; exits with status 1 when it fails."""
    if len(sys.argv) != 2:
        sys.exit("usage: journey.py URL")
    try:
        said = journey(sys.argv[1])
    except Exception:  # shown with its last exchange, whatever it is
        traceback.print_exc(file=sys.stderr)
        print(f"{api}, Python client: failed\n{_exchange()}", file=sys.stderr)
        sys.exit(1)
    print(f"{api}, Python client: {said}")


def reach(client, url, access_token=None, **settings):
    """The generated client's ApiClient at an address, with its credentials."""
    configuration = client.Configuration(host=url, **settings)
    configuration.access_token = access_token  # read by the client, but no argument
    return client.ApiClient(configuration)


def want(condition, what):
    """Fails the journey unless the condition holds."""
    if not condition:
        raise AssertionError(what)


def refusal(exception, call):
    """Gives the exception that the generated client makes of a refused call."""
    try:
        answer = call()
    except exception as refused:
        return refused
    raise AssertionError(f"not refused: {answer}")


def put(url, content, content_type):
    """Brings bytes to an address that an answer gave, with no credential."""
    response = urllib3.PoolManager().request("PUT", url, body=content, headers={"Content-Type": content_type})
    want(response.status == 200, f"upload: {response.status}")


def last_segment(url):
    """The name at the end of an address."""
    return urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1]


def _exchange():
    if not _last:
        return "no request was made"
    method, url, fields, headers, body, *answer = _last
    lines = [f"> {method} {url}" + ("?" + urllib.parse.urlencode(fields) if fields else "")]
    for key, value in (headers or {}).items():
        if key.lower() not in ("authorization", "kspuser", "ksptoken"):
            lines.append(f"> {key}: {value}")
    lines.append(f"> {str(body)[:SHOWN]}" if body else ">")
    if not answer:
        return "\n".join([*lines, "no answer"])
    response = answer[0]
    lines.append(f"< {response.status}")
    lines += [f"< {key}: {value}" for key, value in response.headers.items()]
    lines.append("< " + response.data[:SHOWN].decode("utf-8", "replace"))
    return "\n".join(lines)

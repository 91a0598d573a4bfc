"""What answers are held against: values, keys, and the three forms of an error
(gever.md 3.2)."""
import re

UNAUTHORIZED = {"type": "Unauthorized", "message": "You are not authorized to access this resource."}


def want(got, expected, what):
    if got != expected:
        raise AssertionError(f"{what}: {got!r}, want {expected!r}")


def status(response, expected):
    """The answer, when it has this status."""
    if response.status_code != expected:
        sent = response.request
        raise AssertionError(f"{sent.method} {sent.url}: {response.status_code}, want {expected}\n{response.content[:2000].decode(errors='replace')}")
    return response


def holds(got, expected, what):
    """Some values of an object."""
    want({key: got.get(key) for key in expected}, expected, what)


def keys(got, expected, what):
    """The keys of an object, all of them."""
    want(sorted(got), sorted(expected.split()), what)


def titled(token, title):
    return {"token": token, "title": title}


def utc(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", text):
        raise AssertionError(f"not UTC in whole seconds: {text}")


def refused_a(response, code, kind):
    """Form A: type and message."""
    body = status(response, code).json()
    keys(body, "type message", "form A")
    want(body["type"], kind, "form A")
    return body["message"]


def refused_b(response, code, kind):
    """Form B: also what people read, and what was wrong with each field."""
    body = status(response, code).json()
    keys(body, "type message translated_message additional_metadata", "form B")
    want(body["type"], kind, "form B")
    return body


def refused_c(response, code, kind):
    """Form C: an error with type, message and more."""
    body = status(response, code).json()
    keys(body, "error", "form C")
    want(body["error"]["type"], kind, "form C")
    return body["error"]

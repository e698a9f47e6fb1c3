"""What a module of Sieci in Python needs beside its own words: go-plugin's
handshake with mutual TLS over a unix socket, and the contract's messages. It
needs Debian's python3-grpcio and python3-protobuf (those of PyPI bring a TLS
library that does not know the platform's certificates) and nothing else.

A module calls serve() with its answers by method name ("Module/Describe").
"""

import base64
import hashlib
import os
import secrets
import sys
import threading
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pool, empty_pb2, json_format, timestamp_pb2  # noqa: F401
from google.protobuf.message_factory import MessageFactory

COOKIE = ("SIECI_PLUGIN", "8f1d5c0e-sieci-plugin-v1")
PACKAGE = "sieci.plugin.v1."
MAX_MESSAGE = 4 << 20


def _messages():
    """The messages of plugins/proto, from their descriptors."""
    pool = descriptor_pool.Default()
    for raw in DESCRIPTORS:
        pool.AddSerializedFile(base64.b64decode(raw))
    factory = MessageFactory(pool)
    return lambda name: factory.GetPrototype(pool.FindMessageTypeByName(PACKAGE + name))


class Refused(Exception):
    """An answer that is a status: INVALID_ARGUMENT for what is not known."""

    def __init__(self, text, code=grpc.StatusCode.INVALID_ARGUMENT):
        super().__init__(text)
        self.code = code


# The certificate. Each process makes its own, for as long as it lives; P-256
# needs no library beyond Python's integers.

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % _P == 0:
            return None
        slope = 3 * (a[0] ** 2 - 1) * pow(2 * a[1], -1, _P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _P)
    x = (slope**2 - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def _times(k, point):
    out = None
    while k:
        if k & 1:
            out = _add(out, point)
        point = _add(point, point)
        k >>= 1
    return out


def _der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])
    return bytes([tag]) + size + body


def _int(n):
    return _der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def _oid(text):
    first, second, *rest = map(int, text.split("."))
    out = [40 * first + second]
    for n in rest:
        part = [n & 127]
        while n := n >> 7:
            part.insert(0, n & 127 | 128)
        out += part
    return _der(6, bytes(out))


def _sign(key, message):
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        k = secrets.randbelow(_N - 1) + 1
        r = _times(k, _G)[0] % _N
        s = pow(k, -1, _N) * (digest + r * key) % _N
        if r and s:
            return _der(0x30, _int(r), _int(s))


def _pem(kind, der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n".encode()


def _certificate():
    """A key and a certificate for "localhost": PEM, PEM, and the latter's DER."""
    key = secrets.randbelow(_N - 1) + 1
    x, y = _times(key, _G)
    point = b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    curve, algorithm = _oid("1.2.840.10045.3.1.7"), _der(0x30, _oid("1.2.840.10045.4.3.2"))
    name = _der(0x30, _der(0x31, _der(0x30, _oid("2.5.4.3"), _der(12, b"localhost"))))

    def at(seconds):
        return _der(24, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds)).encode())

    def extension(oid, value, critical=b""):
        return _der(0x30, _oid(oid), critical, _der(4, value))

    now = time.time()
    body = _der(
        0x30,
        _der(0xA0, _int(2)),
        _int(secrets.randbits(126) + 1),
        algorithm,
        name,
        _der(0x30, at(now - 60), at(now + 30 * 365 * 86400)),
        name,
        _der(0x30, _der(0x30, _oid("1.2.840.10045.2.1"), curve), _der(3, b"\0", point)),
        _der(
            0xA3,
            _der(
                0x30,
                extension("2.5.29.17", _der(0x30, _der(0x82, b"localhost"))),
                extension("2.5.29.19", _der(0x30, _der(1, b"\xff")), _der(1, b"\xff")),
            ),
        ),
    )
    der = _der(0x30, body, algorithm, _der(3, b"\0", _sign(key, body)))
    private = _der(0x30, _int(1), _der(4, key.to_bytes(32, "big")), _der(0xA0, curve), _der(0xA1, _der(3, b"\0", point)))
    return _pem("EC PRIVATE KEY", private), _pem("CERTIFICATE", der), der


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, answers, message, stop):
        self._methods = {"/plugin.GRPCController/Shutdown": grpc.unary_unary_rpc_method_handler(
            lambda _request, _context: stop.set() or empty_pb2.Empty(), empty_pb2.Empty.FromString, lambda m: m.SerializeToString())}
        for method, answer in answers.items():
            name = method.split("/")[1]
            self._methods["/" + PACKAGE + method] = grpc.unary_unary_rpc_method_handler(
                self._guarded(answer, message(name + "Response")), message(name + "Request").FromString, lambda m: m.SerializeToString(deterministic=True))

    @staticmethod
    def _guarded(answer, response):
        def handle(request, context):
            try:
                return json_format.ParseDict(answer(request), response())
            except Refused as e:
                context.abort(e.code, str(e))

        return handle

    def service(self, details):
        return self._methods.get(details.method)


def serve(answers):
    """Answers the platform until it ends the process. answers maps method names
    to functions from a request message to the response as a dictionary."""
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.exit("This is a module of Sieci: the platform starts it.")
    stop = threading.Event()
    key, certificate, der = _certificate()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=[
        ("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.max_send_message_length", MAX_MESSAGE)])
    server.add_generic_rpc_handlers([_Handler(answers, _messages(), stop)])
    path = os.path.join(os.environ["PLUGIN_UNIX_SOCKET_DIR"], "plugin" + secrets.token_hex(4))
    credentials = grpc.ssl_server_credentials([(key, certificate)], os.environ["PLUGIN_CLIENT_CERT"].encode(), require_client_auth=True)
    if not server.add_secure_port("unix:" + path, credentials):
        sys.exit("the socket cannot be made")
    server.start()
    cert = base64.b64encode(der).decode().rstrip("=")
    print(f"1|1|unix|{path}|grpc|{cert}", flush=True)
    stop.wait()
    server.stop(0.2).wait()

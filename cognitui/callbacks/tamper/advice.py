"""How to mend what a probe found, in the words of the framework that the endpoint is made with."""

from __future__ import annotations

from enum import StrEnum

from cognitui.callbacks.tamper.case import Topic


class Framework(StrEnum):
    """What endpoints are made with."""

    FASTAPI = "fastapi"
    FLASK = "flask"
    DJANGO = "django"
    EXPRESS = "express"
    FASTIFY = "fastify"
    GO = "go"
    JAVA = "java"
    CSHARP = "csharp"
    PHP = "php"


def fix_for(topic: Topic, framework: Framework | None) -> str:
    """What to do about a topic: the framework's own way where there is one, else in general."""
    general = _GENERAL[topic]
    own = _OWN.get(topic, {}).get(framework) if framework is not None else None
    return f"{general} {own}" if own else general


_GENERAL = {
    Topic.SETUP: "Compare the secret and the scheme on both sides.",
    Topic.SIGNATURE: "Compute the HMAC of the raw body with the secret, refuse with 401 whatever "
    "differs or is missing, and do so before anything else. Do not start without a secret.",
    Topic.COMPARE: "Demand the whole form of the header first (prefix, length, alphabet), decode "
    "it, and compare all of its bytes in constant time.",
    Topic.RAW_BODY: "Verify the bytes of the body as they arrived, and parse them only afterwards; "
    "never print parsed JSON to verify that.",
    Topic.DECOMPRESSION: "Verify the bytes of the wire before anything unpacks them, or answer 415 "
    "to every Content-Encoding.",
    Topic.FRESHNESS: "Demand exactly the digits of a timestamp in the scheme's unit, and refuse "
    "what lies more than five minutes before or after now; what is missing or no number is "
    "refused too.",
    Topic.UNSIGNED_TIME: "The scheme does not sign the timestamp: compare the header with the "
    "timestamp inside the signed body and refuse when they differ, or move to a scheme that signs "
    "it.",
    Topic.REPLAY: "Remember the signed delivery id, or the signature where there is none, for "
    "twice the tolerance, after it was verified and in one atomic step; refuse what is known. If "
    "you answer 2xx to what you know and do nothing, say so to the probe.",
    Topic.PARSING: "Catch whatever cannot be decoded and answer 401 (400 once it is verified). "
    "Verify before parsing; compare bytes, not texts.",
    Topic.LIMITS: "Refuse a longer body than you need with 413 before reading it, and end a "
    "request whose body does not arrive within ten seconds or so.",
    Topic.HEADERS: "Read each header as one value, refuse it when it is there twice, and escape "
    "what you copy into answers and logs.",
    Topic.METHODS: "Route POST only, and answer 405 to every other method.",
    Topic.LEAK: "Answer a bare 401: no expected signature, no secret, no stack trace. Whoever asks "
    "may be a forger. Change a secret that was shown.",
}

_PYTHON_COMPARE = "hmac.compare_digest on bytes; on str it raises for anything but ASCII."
_PYTHON_PARSING = "Encode the header (`value.encode('latin-1')`) before hmac.compare_digest."
_NODE_COMPARE = (
    "crypto.timingSafeEqual on two Buffers of one length; it throws on two of different lengths, "
    "so compare the lengths first."
)
_NODE_TIME = (
    "Number(text) may be NaN, and NaN > limit is false: test the digits first, with "
    "/^[0-9]{13}$/ for milliseconds."
)

_OWN: dict[Topic, dict[Framework, str]] = {
    Topic.RAW_BODY: {
        Framework.FASTAPI: "FastAPI: `await request.body()`, and no model as a parameter.",
        Framework.FLASK: "Flask: `request.get_data()` before anything touches request.json.",
        Framework.DJANGO: "Django: `request.body`, with csrf_exempt; not request.POST.",
        Framework.EXPRESS: "Express: `express.raw({type: '*/*'})` on this route, before any "
        "express.json(); req.body is then the Buffer to verify.",
        Framework.FASTIFY: "Fastify: addContentTypeParser('*', {parseAs: 'buffer'}, …) in a scope "
        "of its own; request.body is then the Buffer to verify.",
        Framework.GO: "Go: io.ReadAll(r.Body), verify, then json.Unmarshal of the same bytes.",
        Framework.JAVA: "Spring: `@RequestBody byte[] body`, not a String or an object.",
        Framework.CSHARP: "ASP.NET Core: copy Request.Body into a MemoryStream; no [FromBody].",
        Framework.PHP: "PHP: file_get_contents('php://input'), not $_POST and not json_encode.",
    },
    Topic.COMPARE: {
        Framework.FASTAPI: _PYTHON_COMPARE,
        Framework.FLASK: _PYTHON_COMPARE,
        Framework.DJANGO: _PYTHON_COMPARE,
        Framework.EXPRESS: _NODE_COMPARE,
        Framework.FASTIFY: _NODE_COMPARE,
        Framework.GO: "hmac.Equal on the result of hex.DecodeString.",
        Framework.JAVA: "MessageDigest.isEqual on the result of HexFormat.of().parseHex.",
        Framework.CSHARP: "CryptographicOperations.FixedTimeEquals on Convert.FromHexString.",
        Framework.PHP: "hash_equals($expected, $given), the expected one first; never ==.",
    },
    Topic.PARSING: {
        Framework.FASTAPI: _PYTHON_PARSING,
        Framework.FLASK: _PYTHON_PARSING,
        Framework.DJANGO: _PYTHON_PARSING,
        Framework.EXPRESS: _NODE_COMPARE,
        Framework.FASTIFY: _NODE_COMPARE,
        Framework.JAVA: "parseHex throws IllegalArgumentException: catch it.",
        Framework.CSHARP: "Convert.FromHexString throws FormatException: catch it.",
    },
    Topic.FRESHNESS: {
        Framework.EXPRESS: _NODE_TIME,
        Framework.FASTIFY: _NODE_TIME,
        Framework.PHP: "(int)'soon' is 0: test the digits first, with "
        "preg_match('/^[0-9]{13}$/D', …) for milliseconds.",
    },
    Topic.DECOMPRESSION: {
        Framework.FASTAPI: "Starlette unpacks nothing by itself: look for a middleware or a proxy.",
        Framework.EXPRESS: "express.raw({type: '*/*', inflate: false}) refuses packed bodies.",
    },
    Topic.LIMITS: {
        Framework.FASTAPI: "Read request.stream() under asyncio.timeout and count; neither "
        "Starlette nor uvicorn has a limit. A proxy's client_max_body_size does it too.",
        Framework.FLASK: "Flask: MAX_CONTENT_LENGTH; the timeout is the server's.",
        Framework.DJANGO: "Django: DATA_UPLOAD_MAX_MEMORY_SIZE; the timeout is the server's.",
        Framework.EXPRESS: "express.raw({limit: '1mb'}), and server.requestTimeout = 10000.",
        Framework.FASTIFY: "Fastify({bodyLimit: 1048576, requestTimeout: 10000}).",
        Framework.GO: "http.MaxBytesReader, and ReadTimeout on the http.Server.",
        Framework.JAVA: "Tomcat: maxSwallowSize and connectionTimeout, and count while reading.",
        Framework.CSHARP: "Kestrel: MaxRequestBodySize and MinRequestBodyDataRate.",
        Framework.PHP: "post_max_size; the timeout is the server's.",
    },
    Topic.METHODS: {
        Framework.DJANGO: "Django: @require_POST.",
        Framework.GO: 'Go: mux.HandleFunc("POST /path", …).',
    },
    Topic.LEAK: {
        Framework.FLASK: "Never run debug=True where strangers can reach it.",
        Framework.DJANGO: "DEBUG = False.",
        Framework.EXPRESS: "Set NODE_ENV=production, or its error handler shows the stack.",
        Framework.PHP: "display_errors = Off.",
    },
}

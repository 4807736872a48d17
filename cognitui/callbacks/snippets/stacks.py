"""The stacks that there are snippets for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.callbacks.snippets.dialect import CSHARP, GO, JAVA, NODE, PHP, PYTHON

if TYPE_CHECKING:
    from cognitui.callbacks.snippets.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Stack:
    """A language and a way to serve HTTP in it; its template is called like its id."""

    id: str
    title: str
    language: str
    filename: str
    dialect: Dialect
    notes: tuple[str, ...]


KNOWN = (
    Stack(
        "fastapi",
        "Python, FastAPI",
        "python",
        "callback.py",
        PYTHON,
        (
            "Run it: pip install fastapi uvicorn, then uvicorn callback:app --port 8000.",
            "A parameter of a model's type would parse the body first: take the Request.",
        ),
    ),
    Stack(
        "flask",
        "Python, Flask",
        "python",
        "callback.py",
        PYTHON,
        (
            "Run it: pip install flask, then flask --app callback run --port 8000.",
            "request.get_json() and request.form give values, not the bytes that were signed.",
        ),
    ),
    Stack(
        "django",
        "Python, Django",
        "python",
        "callback.py",
        PYTHON,
        (
            (
                "Put it beside your urls.py and add path('', include('callback')) there, with the "
                "folder's name before callback."
            ),
            (
                "Read request.body before anything reads request.POST. Longer bodies than "
                "DATA_UPLOAD_MAX_MEMORY_SIZE are refused by Django itself."
            ),
        ),
    ),
    Stack(
        "express",
        "Node, Express",
        "javascript",
        "callback.mjs",
        NODE,
        (
            "Run it: npm install express, then node callback.mjs. Needs Node 18.3 or newer.",
            (
                "An app.use(express.json()) before this route would read the body first: mount it "
                "after, or on other paths."
            ),
        ),
    ),
    Stack(
        "fastify",
        "Node, Fastify",
        "javascript",
        "callback.mjs",
        NODE,
        (
            "Run it: npm install fastify, then node callback.mjs. Needs Node 20 or newer.",
            (
                "Its parser of JSON is removed here. In an app with other routes, register this "
                "one as a plugin, which keeps the removal to itself."
            ),
        ),
    ),
    Stack(
        "go",
        "Go, net/http",
        "go",
        "callback.go",
        GO,
        ("Run it: go run callback.go. Needs Go 1.19 or newer, and nothing else.",),
    ),
    Stack(
        "java",
        "Java, the JDK's HttpServer",
        "java",
        "Callback.java",
        JAVA,
        (
            "Run it: java Callback.java. Needs Java 17 or newer, and nothing else.",
            (
                "In Spring take @RequestBody byte[] and @RequestHeader HttpHeaders, and call the "
                "same method."
            ),
        ),
    ),
    Stack(
        "csharp",
        "C#, ASP.NET Core",
        "csharp",
        "Program.cs",
        CSHARP,
        (
            (
                "Run it: dotnet new web, put it in place of Program.cs, dotnet run. Needs .NET 8 "
                "or newer."
            ),
            "A parameter of a model's type would parse the body first: take the HttpRequest.",
        ),
    ),
    Stack(
        "php",
        "PHP",
        "php",
        "callback.php",
        PHP,
        (
            "Try it: php -S 127.0.0.1:8000 callback.php. Needs PHP 8.1 or newer.",
            "$_POST and json_decode give values, not the bytes that were signed.",
        ),
    ),
)

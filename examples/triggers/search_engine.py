"""A search engine as small as one can be, and a webhook: what the functions talk to.

PUT and DELETE /documents/ID, GET /search?q=WORD; POST /mentions, GET /mentions.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class SearchEngine:
    """Serves on a free port of this machine until it is closed. It may be switched off, to see what happens then."""

    def __init__(self):
        self.documents, self.mentions, self.is_on = {}, [], True
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self):
                engine.documents[self.document()] = self.body()["text"]
                self.answer({})

            def do_DELETE(self):
                engine.documents.pop(self.document(), None)
                self.answer({})

            def do_POST(self):
                engine.mentions.append(self.body())
                self.answer({})

            def do_GET(self):
                words = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
                self.answer(engine.search(words))

            def document(self):
                return unquote(self.path.removeprefix("/documents/"))

            def body(self):
                return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

            def answer(self, body):
                self.send_response(200 if engine.is_on else 503)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def search(self, words):
        """The ids of documents that have all the words."""
        wanted = set(re.findall(r"\w+", words.lower()))
        return sorted(id for id, text in self.documents.items() if wanted <= set(re.findall(r"\w+", text.lower())))

    def close(self):
        self.server.shutdown()
        self.server.server_close()

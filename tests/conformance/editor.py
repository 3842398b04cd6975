"""What editors show for a profile: the real yaml-language-server, asked as VS Code, Neovim and Helix ask it.

Each case of editor_cases.py is a profile with a mark where the cursor stands, or without one; the server finds the schema by the
modeline, as it does for users.
"""
import json
import queue
import subprocess
import threading
from pathlib import Path

MARK = "¦"
MODELINE = "# yaml-language-server: $schema=../schema/profile.schema.json\n"
PATIENCE = 30


class Server:
    """One yaml-language-server over its standard input and output."""

    def __init__(self, command, root):
        self.root, self.number, self.replies, self.diagnostics, self.ready = root, 0, {}, queue.Queue(), queue.Queue()
        self.process = subprocess.Popen([command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self.listen, daemon=True).start()
        folder = root.as_uri()
        abilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                                      "hover": {"contentFormat": ["markdown"]}},
                     "workspace": {"configuration": True, "workspaceFolders": True}}
        self.request("initialize", {"processId": None, "rootUri": folder, "capabilities": abilities, "workspaceFolders": [{"uri": folder, "name": "root"}]})
        # Otherwise it does not say when it has taken its settings.
        self.send({"method": "yaml/supportSchemaSelection", "params": {}})
        self.send({"method": "initialized", "params": {}})
        self.ready.get(timeout=PATIENCE)

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def request(self, method, params):
        self.number += 1
        reply = self.replies[self.number] = queue.Queue()
        self.send({"id": self.number, "method": method, "params": params})
        answer = reply.get(timeout=PATIENCE)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def listen(self):
        pipe = self.process.stdout
        while True:
            length = 0
            while line := pipe.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(pipe.read(length))
            if "method" not in message:
                self.replies.pop(message["id"]).put(message)
            elif message["method"] == "textDocument/publishDiagnostics":
                self.diagnostics.put(message["params"])
            elif message["method"] == "yaml/schema/store/initialized":
                self.ready.put(True)
            elif "id" in message:
                items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else []
                self.send({"id": message["id"], "result": [self.setting(item.get("section")) for item in items] or None})

    def setting(self, section):
        own = {"completion": True, "hover": True, "validate": True, "schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
        return own if section == "yaml" else {}

    def open(self, text):
        """A new document; waits until the server has looked at it."""
        self.number += 1
        uri = (self.root / "profiles" / f"p{self.number}.yaml").as_uri()
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}})
        while True:
            said = self.diagnostics.get(timeout=PATIENCE)
            if said["uri"] == uri:
                break
        if not self.request("yaml/get/jsonSchema", [uri]):
            raise RuntimeError("the modeline leads to no schema")
        return uri, said["diagnostics"]

    def close(self):
        self.process.kill()
        self.process.wait()


def asked(server, case):
    """The answer as text lines: labels, a hover's text, or `LINE:COLUMN message`; and the document's items by label."""
    text = MODELINE + case["text"]
    before, _, _ = text.partition(MARK)
    uri, diagnostics = server.open(text.replace(MARK, ""))
    place = {"textDocument": {"uri": uri}, "position": {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}}
    if case["ask"] == "complete":
        reply = server.request("textDocument/completion", place)
        items = reply["items"] if isinstance(reply, dict) else reply
        return {item["label"]: item for item in items}, [item["label"] for item in items]
    if case["ask"] == "hover":
        reply = server.request("textDocument/hover", place)
        return {}, [reply["contents"]["value"]] if reply else []
    # The modeline is no line of the case.
    lines = [f"{d['range']['start']['line']}:{d['range']['start']['character'] + 1} {d['message']}" for d in diagnostics]
    return {}, lines


def wrong(items, lines, case):
    """What is not as the case wants it."""
    said = "\n".join(lines)
    for want in case.get("has", []):
        if (want not in lines) if case["ask"] == "complete" else (want not in said):
            yield f"lacks {want!r}"
    for want in case.get("lacks", []):
        if (want in lines) if case["ask"] == "complete" else (want in said):
            yield f"has {want!r}"
    if "only" in case and sorted(lines) != sorted(case["only"]):
        yield f"is not exactly {case['only']}"
    if case["ask"] == "complete":
        if len(set(lines)) < len(lines):
            yield "offers something twice"
        for label, item in items.items():
            documentation = item.get("documentation") or ""
            value = documentation.get("value") if isinstance(documentation, dict) else documentation
            if case.get("documented", True) and not value:
                yield f"{label!r} has no text"
            if "**Pattern:**" in (value or ""):
                yield f"{label!r} shows a pattern"
            typed = (item.get("textEdit") or {}).get("newText") or item.get("insertText") or label
            if case.get("keys") and ":" not in typed:
                yield f"{label!r} is inserted without its colon"
        for label, part in case.get("inserts", {}).items():
            typed = ((items.get(label) or {}).get("textEdit") or {}).get("newText") or (items.get(label) or {}).get("insertText") or ""
            if part not in typed:
                yield f"{label!r} inserts {typed!r}"
    if case["ask"] == "look" and len(lines) != case.get("count", 0):
        yield f"has {len(lines)} messages"
    # What no user should have to read.
    for word in ("anyOf", "oneOf", "does not match the pattern", "null", "^["):
        if word in said:
            yield f"says {word!r}"


def run(results, command, root, cases):
    """Asks every case, and counts each as one assertion."""
    server = Server(command, Path(root))
    try:
        for case in cases:
            try:
                items, lines = asked(server, case)
                problems = list(wrong(items, lines, case))
            except (RuntimeError, queue.Empty) as error:
                problems, lines = [f"{type(error).__name__}: {error}"], []
            results.check(f"editor: {case['name']}", not problems, "; ".join(problems) + "\n" + "\n".join(lines)[:1500])
    finally:
        server.close()

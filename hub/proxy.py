"""The proxy of the room: configurable-http-proxy in Python, fit for a class.

It asks the students' servers through a client that, left alone, has ten connections. A
page that waits for its server holds one of them until the server has started, so ten
students who wait would shut out the rest.
"""

import sys

from configurable_http_proxy.cli import main
from tornado.httpclient import AsyncHTTPClient

AT_ONCE = 2000  # a browser opens up to six
PATIENCE = "400000"  # milliseconds; without it a page is given up after twenty seconds

if __name__ == "__main__":
    AsyncHTTPClient.configure(None, max_clients=AT_ONCE)
    main(["--proxy-timeout", PATIENCE, *sys.argv[1:]])

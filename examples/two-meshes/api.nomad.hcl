job "api" {
  group "api" {
    network {
      mode = "bridge"
      port "http" {
        to = 9001
      }
    }

    service {
      name = "api"
      port = "http"

      connect {
        sidecar_service {}
      }
    }

    update {
      min_healthy_time = "0s"
    }

    # Answers with who calls, as its proxy knows it.
    task "server" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["local/server.py"]
      }

      template {
        destination = "local/server.py"
        data        = <<-PYTHON
          from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
          class Handler(BaseHTTPRequestHandler):
              protocol_version = "HTTP/1.1"
              def do_GET(self):
                  body = ("seen " + self.headers.get("x-forwarded-client-cert", "nobody")).encode()
                  self.send_response(200)
                  self.send_header("content-length", str(len(body)))
                  self.end_headers()
                  self.wfile.write(body)
              def log_message(self, *words): pass
          ThreadingHTTPServer(("127.0.0.1", 9001), Handler).serve_forever()
        PYTHON
      }
    }
  }
}

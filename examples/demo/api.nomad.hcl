# A service of the mesh: it counts, and is reached through its proxy alone.
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

    task "count" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["local/count.py"]
      }

      # Bound to the loopback interface: nobody gets in but the proxy beside it.
      template {
        destination = "local/count.py"
        data        = <<-PYTHON
          import json, os
          from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

          class Count(BaseHTTPRequestHandler):
              protocol_version = "HTTP/1.1"
              count = 0

              def do_GET(self):
                  Count.count += 1
                  body = json.dumps({"count": Count.count, "allocation": os.environ["NOMAD_SHORT_ALLOC_ID"]}).encode()
                  self.send_response(200)
                  self.send_header("Content-Type", "application/json")
                  self.send_header("Content-Length", str(len(body)))
                  self.end_headers()
                  self.wfile.write(body)

          ThreadingHTTPServer(("127.0.0.1", int(os.environ["NOMAD_PORT_http"])), Count).serve_forever()
        PYTHON
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}

job "where" {
  group "where" {
    network {
      mode = "bridge"
      port "http" {
        to = 9001
      }
    }

    service {
      name = "where"
      port = "http"

      connect {
        sidecar_service {}
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "server" {
      driver = "raw_exec"

      config {
        command = "/usr/bin/python3"
        args    = ["${NOMAD_TASK_DIR}/server.py"]
      }

      template {
        destination = "local/server.py"
        data        = <<EOT
import http.server, os
class Where(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["NOMAD_DC"].encode())
http.server.ThreadingHTTPServer(("127.0.0.1", 9001), Where).serve_forever()
EOT
      }
    }
  }
}

# A page that shows what the api counts. It calls localhost:8080, where its proxy is.
job "dashboard" {
  group "dashboard" {
    network {
      mode = "bridge"
      port "page" {
        static = 9002
        to     = 9002
      }
    }

    service {
      name = "dashboard"
      port = "9003"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 8080
            }

            # The page is for people outside the mesh: the proxy passes these two paths to the task.
            expose {
              path {
                path            = "/"
                protocol        = "http"
                local_path_port = 9003
                listener_port   = "page"
              }
              path {
                path            = "/count"
                protocol        = "http"
                local_path_port = 9003
                listener_port   = "page"
              }
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "page" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["local/page.py"]
      }

      template {
        destination = "local/page.py"
        data        = <<-PYTHON
          import os, urllib.request
          from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

          UPSTREAM = "http://" + os.environ["NOMAD_UPSTREAM_ADDR_api"]
          PAGE = b"""<!doctype html><title>Yurt</title>
          <body style="font: 4rem system-ui; display: grid; place-items: center; height: 90vh">
          <div><b id="count">...</b><p style="font-size: 1rem">counted by the api, through two Envoys</p></div>
          <script>
            const show = async () => {
              const answer = await fetch("/count");
              count.textContent = answer.ok ? (await answer.json()).count : "refused";
            };
            show(); setInterval(show, 1000);
          </script>"""

          class Page(BaseHTTPRequestHandler):
              protocol_version = "HTTP/1.1"

              def do_GET(self):
                  if self.path == "/":
                      return self.answer(200, "text/html; charset=utf-8", PAGE)
                  try:
                      with urllib.request.urlopen(UPSTREAM + "/", timeout=5) as response:
                          self.answer(200, "application/json", response.read())
                  except Exception as error:
                      self.answer(502, "text/plain", str(error).encode())

              def answer(self, status, kind, body):
                  self.send_response(status)
                  self.send_header("Content-Type", kind)
                  self.send_header("Content-Length", str(len(body)))
                  self.end_headers()
                  self.wfile.write(body)

          ThreadingHTTPServer(("127.0.0.1", 9003), Page).serve_forever()
        PYTHON
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}

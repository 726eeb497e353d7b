job "web" {
  group "web" {
    network {
      mode = "bridge"
    }

    service {
      name = "web"
      port = "9002"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "loop" {
      driver = "exec"

      config {
        command = "/usr/bin/python3"
        args    = ["local/loop.py"]
      }

      # Serves its own port, so that it counts as ready, and answers with what the upstream answers.
      template {
        destination = "local/loop.py"
        data        = <<-PYTHON
          import os, sys, urllib.request
          from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
          url = "http://" + os.environ["NOMAD_UPSTREAM_ADDR_api"] + "/"
          with urllib.request.urlopen(url, timeout=5) as first:
              print("first", first.status, flush=True)
          ThreadingHTTPServer(("127.0.0.1", 9002), BaseHTTPRequestHandler).serve_forever()
        PYTHON
      }
    }
  }
}

# A job with every hook of its life, whose tasks note when they begin and end.

variable "record" {
  description = "the file that the tasks write their notes to"
}

variable "version" {
  type = number
}

variable "canaries" {
  type    = number
  default = 0
}

variable "healthy" {
  type    = bool
  default = true
}

locals {
  note = "echo \"$NOMAD_ALLOC_ID $NOMAD_TASK_NAME begins\" >> ${var.record}"
  wait = "${local.note}; trap 'echo \"$NOMAD_ALLOC_ID $NOMAD_TASK_NAME ends\" >> ${var.record}; exit 0' INT; sleep 1000 & wait"
}

job "promises" {
  group "app" {
    count = 2

    network {
      mode = "bridge"
      port "health" {}
    }

    update {
      canary            = var.canaries
      max_parallel      = 1
      min_healthy_time  = "100ms"
      healthy_deadline  = var.healthy ? "30s" : "2s"
      progress_deadline = var.healthy ? "2m" : "0s"
      auto_revert       = true
    }

    migrate {
      max_parallel     = 1
      min_healthy_time = "100ms"
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    service {
      name = "shop"
      port = "9000"

      check {
        type     = "http"
        path     = "/health"
        interval = "1s"
        timeout  = "1s"
        expose   = true
      }

      connect {
        sidecar_service {}
      }
    }

    service {
      name = "till"
      port = "9001"

      connect {
        sidecar_service {}
      }
    }

    task "prepare" {
      driver = "raw_exec"
      lifecycle {
        hook = "prestart"
      }
      config {
        command = "/bin/sh"
        args    = ["-c", local.note]
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }

    task "watch" {
      driver = "raw_exec"
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      config {
        command = "/bin/sh"
        args    = ["-c", local.wait]
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }

    task "app" {
      driver = "raw_exec"
      leader = true

      env {
        VERSION = var.version
        HEALTHY = var.healthy
        RECORD  = var.record
      }

      config {
        command = "/usr/bin/python3"
        args    = ["${NOMAD_TASK_DIR}/app.py"]
      }

      # Ends as most programs do: at once.
      template {
        destination = "local/app.py"
        data        = <<-PYTHON
          import os, random, threading, time
          from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

          def note(what):
              with open(os.environ["RECORD"], "a") as record:
                  record.write(f"{os.environ['NOMAD_ALLOC_ID']} app {what}\n")

          class Answer(BaseHTTPRequestHandler):
              protocol_version = "HTTP/1.1"
              def do_GET(self):
                  time.sleep({"/slow": 1, "/health": 0}.get(self.path, random.random() * 0.05))
                  text = os.environ["VERSION"].encode()
                  healthy = self.path != "/health" or os.environ["HEALTHY"] == "true"
                  self.send_response(200 if healthy else 503)
                  self.send_header("content-length", str(len(text)))
                  self.end_headers()
                  self.wfile.write(text)
              def log_message(self, *_):
                  pass

          note("begins")
          servers = [ThreadingHTTPServer(("127.0.0.1", port), Answer) for port in (9000, 9001)]
          threading.Thread(target=servers[1].serve_forever, daemon=True).start()
          try:
              servers[0].serve_forever()
          except KeyboardInterrupt:
              note("ends")
              os._exit(0)
        PYTHON
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }

    task "mate" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", local.wait]
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }

    task "greet" {
      driver = "raw_exec"
      lifecycle {
        hook = "poststart"
      }
      config {
        command = "/bin/sh"
        args    = ["-c", local.note]
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }

    task "clean" {
      driver = "raw_exec"
      lifecycle {
        hook = "poststop"
      }
      config {
        command = "/bin/sh"
        args    = ["-c", local.note]
      }

      resources {
        cpu    = 20
        memory = 40
      }
    }
  }
}

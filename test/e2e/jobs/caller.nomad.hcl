# Calls the services of promises.nomad.hcl all the time, and says what became of its requests.

variable "record" {
  description = "the file that it says it in"
}

variable "node" {}

job "caller" {
  constraint {
    attribute = "${node.unique.name}"
    value     = var.node
  }

  group "caller" {
    network {
      mode = "bridge"
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    service {
      name = "caller"

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "shop"
              local_bind_port  = 8000
            }
            upstreams {
              destination_name = "till"
              local_bind_port  = 8001
            }
          }
        }
      }
    }

    task "call" {
      driver = "raw_exec"

      config {
        command = "/usr/bin/python3"
        args    = ["${NOMAD_TASK_DIR}/call.py", var.record]
      }

      # As plain as clients are: no request is tried twice.
      template {
        destination = "local/call.py"
        data        = <<-PYTHON
          import http.client, sys, threading, time

          record = open(sys.argv[1], "a", buffering=1)

          def call(how, port, path, is_kept):
              connection, answered = None, 0
              while True:
                  try:
                      connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                      connection.request("GET", path)
                      answer = connection.getresponse()
                      text = answer.read().decode()
                      if answer.status != 200:
                          record.write(f"failed {how} {answer.status} {text}\n")
                      answered += 1
                      record.write(f"answered {how} {answered}\n")
                  except Exception as problem:
                      record.write(f"failed {how} {problem!r}\n")
                      connection = None
                  if not is_kept and connection:
                      connection.close()
                      connection = None
                  time.sleep(0.01)

          ways = [("kept", 8000, "/", True), ("new", 8000, "/", False), ("slow", 8000, "/slow", True), ("tcp", 8001, "/", False)]
          for way in ways * 2:
              threading.Thread(target=call, args=way).start()
        PYTHON
      }
    }
  }
}

job "terminating-gateway" {
  group "gateway" {
    network {
      mode = "bridge"
    }

    service {
      name = "exit"

      connect {
        gateway {
          proxy {
            connect_timeout = "5s"
          }

          terminating {
            service {
              name = "mainframe"
            }
          }
        }
      }
    }

    task "note" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["infinity"]
      }
    }
  }
}

job "gateway-api" {
  group "main" {
    network {
      mode = "bridge"

      port "inbound" {
        static = 8443
        to     = 8443
      }
    }

    service {
      name = "edge"
      port = "inbound"

      connect {
        gateway {
          api {}
        }
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

job "rules-connect-without-network" {
  group "main" {
    network {
      mode = "host"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      connect {
        sidecar_service {}
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}

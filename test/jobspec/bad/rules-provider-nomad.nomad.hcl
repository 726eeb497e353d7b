job "rules-provider-nomad" {
  group "main" {
    network {
      mode = "bridge"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      provider = "nomad"
      connect {
        sidecar_service {}
      }
      check {
        type = "grpc"
        interval = "10s"
        timeout = "1s"
        expose = true
        success_before_passing = 1
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}

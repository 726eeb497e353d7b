job "network-cni" {
  group "main" {
    network {
      mode = "cni/mynet"

      cni {
        args = {
          "nomad.port" = "80"
          region       = "eu"
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

job "network-obsolete" {
  group "main" {
    network {
      mbits  = 10
      device = "eth1"

      port "http" {}
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

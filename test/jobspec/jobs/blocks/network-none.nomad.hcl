job "network-none" {
  group "main" {
    network {
      mode = "none"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

job "vault-defaults" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      vault {}
    }
  }
}

job "ephemeral-disk" {
  group "main" {
    ephemeral_disk {
      size    = 500
      sticky  = true
      migrate = true
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

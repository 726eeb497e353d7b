job "carriage-returns" {
  type = "batch"

  meta {
    text = <<EOT
two
lines
EOT
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

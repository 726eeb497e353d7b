job "disconnect-stop" {
  group "main" {
    disconnect {
      stop_on_client_after = "90s"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

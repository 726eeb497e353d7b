job "group-deprecated" {
  group "main" {
    stop_after_client_disconnect = "1m"
    max_client_disconnect        = "2m"
    prevent_reschedule_on_lost   = true

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}

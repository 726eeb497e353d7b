job "logs" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      logs {
        max_files     = 3
        max_file_size = 5
        disabled      = true
      }
    }
  }
}

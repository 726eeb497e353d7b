job "blocks-on-one-line" {
  type = "batch"
  group "main" {
    count = 2
    ephemeral_disk { size = 200 }
    network {}
    task "run" {
      driver = "raw_exec"
      config { command = "/bin/true" }
      resources { cpu = 20 }
      env {}
    }
  }
}

job "letters" {
  type = "batch"

  parameterized {
    payload       = "forbidden"
    meta_required = ["to"]
  }

  group "post" {
    task "write" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo dear $NOMAD_META_to"]
      }

      resources {
        cpu    = 20
        memory = 20
      }
    }
  }
}

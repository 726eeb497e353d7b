job "actions-of-a-service" {
  group "db" {
    task "db" {
      driver = "docker"

      config {
        image = "example/db:2"
      }

      action "vacuum" {
        command = "/bin/vacuum"
        args    = ["--full"]
      }

      action "dump" {
        command = "/bin/sh"
        args    = ["-c", "pg_dump > $${NOMAD_ALLOC_DIR}/dump.sql"]
      }
    }
  }
}

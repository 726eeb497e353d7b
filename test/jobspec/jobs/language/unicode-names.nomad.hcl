job "größe" {
  type = "batch"

  meta {
    überschrift = "Ünïcödé ✓ 日本語"
    emoji       = "👩‍👩‍👧"
  }

  group "группа" {
    task "задача" {
      driver = "raw_exec"

      config {
        command = "/bin/echo"
        args    = ["こんにちは"]
      }
    }
  }
}

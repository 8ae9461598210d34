from django.db import migrations

from core.append_only import CREATE_FUNCTION, DROP_FUNCTION, append_only


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
        append_only("core_auditrecord"),
        append_only("core_auditseal"),
        append_only("core_auditsealed"),
    ]

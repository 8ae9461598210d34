"""Who may let a gateway out of quarantine."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('media', '0003_pin_busy'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='gateway',
            options={
                'ordering': ('tier', 'name'),
                'permissions': (('release_gateway', 'Can let a gateway out of quarantine'),),
            },
        ),
    ]
